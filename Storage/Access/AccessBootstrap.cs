using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.RowSecurity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Access;

/// <summary>
/// Sees to it that a new installation has a key to begin with. Run it after the schema is in place; several processes may run it at once, and one of
/// them makes the key.
/// </summary>
public sealed partial class AccessBootstrap(IServiceProvider services, KeyVerifier verifier, IOptions<AccessOptions> options, IOptions<DataOptions> data, ILogger<AccessBootstrap> logger)
{
    /// <summary>File below the data root that keeps a random first key.</summary>
    public const string FileName = "access-key";

    private (TextWriter Output, string Text)? _shown;

    /// <param name="output">Where a random key is shown; standard output where null.</param>
    /// <exception cref="OptionsValidationException">Access:BootstrapKey has not the form of a key, or the id of another key.</exception>
    public async Task RunAsync(TextWriter? output = null, CancellationToken cancellationToken = default)
    {
        var configured = options.Value.BootstrapKey;
        await using var scope = services.CreateScopeFor(Caller.System(AccessKeys.DefaultTenant, "bootstrap"));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var text = await KeysLock.RunAsync(context, async () =>
        {
            // The first key is the first of all tenants, and a key's id is no other tenant's either.
            await TenantRole.LeaveAsync(context, cancellationToken);
            return string.IsNullOrEmpty(configured) ? await MakeFirstAsync(context, cancellationToken) : await AddConfiguredAsync(context, configured, cancellationToken);
        }, cancellationToken);
        if (text is not null)
        {
            _shown = (output ?? Console.Out, text);
            await ShowAsync(_shown.Value.Output, text);
        }
    }

    /// <summary>Shows, once, a call that works with the key this process has made; nothing where it has made none.</summary>
    /// <param name="address">Where the API listens, without a slash at its end.</param>
    public async Task ShowCallAsync(string address)
    {
        if (_shown is var (output, text))
        {
            _shown = null;
            await output.WriteAsync(
                $"""

                Try it:
                  curl -H "Authorization: Bearer {text}" {address}/v1/campaigns


                """);
        }
    }

    private async Task<string?> MakeFirstAsync(StoreContext context, CancellationToken cancellationToken)
    {
        if (await AllKeys(context).AnyAsync(cancellationToken))
        {
            return null;
        }

        var (id, hash, text) = KeyText.Create();
        await AddAsync(context, id, hash, "first key", cancellationToken);
        // Kept before the transaction commits: a key that nobody knows would lock everybody out.
        Keep(text);
        return text;
    }

    private async Task<string?> AddConfiguredAsync(StoreContext context, string text, CancellationToken cancellationToken)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        KeyText.TryRead(text, out var part, hash);
        var id = part.ToString();
        var existing = await AllKeys(context).AsNoTracking().FirstOrDefaultAsync(k => k.KeyId == id, cancellationToken);
        if (existing is null)
        {
            await AddAsync(context, id, hash, "key of the setting Access:BootstrapKey", cancellationToken);
            verifier.Forget(id);
            Added(logger, id);
        }
        else if (!CryptographicOperations.FixedTimeEquals(existing.SecretHash, hash))
        {
            throw new OptionsValidationException(AccessOptions.Section, typeof(AccessOptions),
                [$"Access:BootstrapKey has the id '{id}' of a key that exists with another secret. Give it another id."]);
        }

        return null;
    }

    private static IQueryable<AccessKey> AllKeys(StoreContext context) =>
        context.Set<AccessKey>().IgnoreQueryFilters([StoreContext.TenantFilter, StoreContext.DeletedFilter]);

    private static Task AddAsync(StoreContext context, string id, byte[] hash, string name, CancellationToken cancellationToken)
    {
        context.Add(new AccessKey { KeyId = id, SecretHash = hash, Name = name, Role = Role.Operator });
        return context.SaveChangesAsync(cancellationToken);
    }

    private void Keep(string text)
    {
        var path = data.Value.PathOf(FileName);
        Directory.CreateDirectory(data.Value.PathOf());
        // A file that stands there keeps its mode when it is written over, so it goes first.
        File.Delete(path);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, create);
        file.Write(Encoding.ASCII.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);
    }

    private Task ShowAsync(TextWriter output, string text) => output.WriteAsync(
        $"""

        The first start made an operator key for the tenant '{AccessKeys.DefaultTenant}'. It is shown this once, and kept in {data.Value.PathOf(FileName)}:

          {text}


        """);

    [LoggerMessage(1, LogLevel.Information, "Added the operator key {KeyId} of the setting Access:BootstrapKey.")]
    private static partial void Added(ILogger logger, string keyId);
}
