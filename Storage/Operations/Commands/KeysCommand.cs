using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>keys list | rotate | rewrap | destroy</c>: the data keys that encrypt fields.</summary>
internal static class KeysCommand
{
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Whose keys; all tenants' where it is left out." };
        var clear = new Option<bool>("--encrypt-clear") { Description = "Encrypt values in clear as well; outside Production that happens anyway." };
        var id = new Argument<Guid>("KEYID") { Description = "The key's id, as 'keys list' shows it." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var withData = new Option<bool>("--with-data") { Description = "Even where something needs the key: destroy what it encrypted." };
        var list = new Command("list", "Show the data keys.") { tenant };
        list.SetAction((parsed, ct) => WithServicesAsync(services => ListAsync(services, parsed.GetValue(tenant), ct)));
        var rotate = new Command("rotate", "Make new data keys and re-encrypt all rows with them; goes on where it was stopped.") { tenant, clear };
        rotate.SetAction((parsed, ct) => WithServicesAsync(services => RotateAsync(services, parsed.GetValue(tenant), parsed.GetValue(clear), ct)));
        var rewrap = new Command("rewrap", "Wrap all data keys with the present master key instead of the previous one.");
        rewrap.SetAction((_, ct) => WithServicesAsync(services => RewrapAsync(services, ct)));
        var destroy = new Command("destroy", "Remove a data key for good: what it encrypted can never be read again.") { id, withData, yes };
        destroy.SetAction((parsed, ct) => WithServicesAsync(services => DestroyAsync(services, parsed.GetValue(id), parsed.GetValue(withData), parsed.GetValue(yes), ct)));
        return new Command("keys", "The data keys that encrypt fields.") { list, rotate, rewrap, destroy };
    }

    /// <summary>Rotates and re-encrypts in this process, telling once a second how far it is.</summary>
    internal static async Task<int> RotateAsync(IServiceProvider services, string? tenant, bool encryptClear, CancellationToken cancellationToken)
    {
        var rotation = await services.GetRequiredService<KeyOperations>().RotateAsync(tenant, "cli", encryptClear, cancellationToken);
        await Console.Out.WriteLineAsync($"Rotation {rotation.Id}{(rotation.Pass > 1 || rotation.RowsRead > 0 ? " goes on" : "")}.");
        long last = 0;
        var progress = new Immediately(r =>
        {
            if (r.WaitsFor is { } other)
            {
                Console.Out.WriteLine($"pass {r.Pass} waits for {other}");
            }
            else if (last == 0 || Stopwatch.GetElapsedTime(last) >= Told)
            {
                last = Stopwatch.GetTimestamp();
                Console.Out.WriteLine($"pass {r.Pass}, {r.Place}: {r.RowsRead:N0} rows read, {r.RowsEncrypted:N0} encrypted");
            }
        });
        bool done = await services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, progress, cancellationToken);
        rotation = await services.GetRequiredService<KeyOperations>().FindRotationAsync(rotation.Id, null, cancellationToken);
        await Console.Out.WriteLineAsync(done || rotation.State == RotationState.Succeeded
            ? $"Done: {rotation.RowsEncrypted:N0} rows encrypted anew, {rotation.RowsUnreadable:N0} unreadable, {rotation.RowsInClear:N0} in clear."
            : "Another process has taken this rotation over and goes on with it.");
        if (rotation.Problem is not null)
        {
            await Console.Error.WriteLineAsync($"First problem: {rotation.Problem}");
        }

        return rotation.RowsUnreadable + rotation.RowsInClear == 0 ? 0 : 1;
    }

    private static async Task<int> WithServicesAsync(Func<IServiceProvider, Task<int>> run)
    {
        using var host = CommandHost.Build();
        await using (var scope = host.Services.CreateAsyncScope())
        {
            await StoreStartup.ReadKeysAsync(scope.ServiceProvider, CancellationToken.None);
        }

        return await run(host.Services);
    }

    private static async Task<int> ListAsync(IServiceProvider services, string? tenant, CancellationToken cancellationToken)
    {
        foreach (var key in await services.GetRequiredService<KeyOperations>().ListAsync(tenant, cancellationToken))
        {
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{key.Id}  {(key.Owner.Length == 0 ? "(installation)" : key.Owner),-16} {(key.Subject.Length == 0 ? "-" : key.Subject),-36} {key.Purpose,-7} v{key.Version,-4} {key.State,-11} master {key.MasterKeyId}  {key.CreatedAt:yyyy-MM-ddTHH:mm:ssZ}"));
        }

        return 0;
    }

    private static async Task<int> RewrapAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        int count = await services.GetRequiredService<KeyOperations>().RewrapAsync("cli", cancellationToken);
        await Console.Out.WriteLineAsync($"{count:N0} keys are now wrapped by the master key {services.GetRequiredService<MasterKeys>().Open()[0].Id}.");
        var spool = services.GetRequiredService<Spool>();
        spool.Open();
        var (done, left) = await spool.RewrapAsync(cancellationToken);
        if (done > 0)
        {
            await Console.Out.WriteLineAsync($"{done:N0} files of the spool as well.");
        }

        if (left > 0)
        {
            await Console.Error.WriteLineAsync($"{left:N0} files of the spool are still under another master key: running processes hold them, or they are damaged. Start those processes with the present "
                + "master key and the previous one, and call this again; keep Protection:PreviousMasterKey until then.");
            return 1;
        }

        await Console.Out.WriteLineAsync("Protection:PreviousMasterKey is no longer needed by what this machine holds; a spool on another machine is rewrapped when its process starts with both keys.");
        return 0;
    }

    private static async Task<int> DestroyAsync(IServiceProvider services, Guid id, bool withData, bool yes, CancellationToken cancellationToken)
    {
        if (!yes && !(AnsiConsole.Profile.Out.IsTerminal && AnsiConsole.Confirm($"Destroy the key {id}? What it encrypted can never be read again.", defaultValue: false)))
        {
            await Console.Error.WriteLineAsync("Nothing was destroyed: confirm with --yes.");
            return 1;
        }

        var key = await services.GetRequiredService<KeyOperations>().DestroyAsync(id, null, "cli", withData, cancellationToken);
        await Console.Out.WriteLineAsync($"The key {key.Id} of '{key.Owner}' is destroyed.");
        return 0;
    }

    // Progress<T> would tell from another thread, after the end.
    private sealed class Immediately(Action<KeyRotation> tell) : IProgress<KeyRotation>
    {
        public void Report(KeyRotation value) => tell(value);
    }
}
