using CloudStore.ProtectedSample;
using CloudStore.Storage.Operations;
using CloudStore.Storage.Operations.Commands;
using Microsoft.Extensions.DependencyInjection;

// What `keys rotate` does, on the sample's records.
using var host = CommandHost.Build(b => b.AddSample());
return await FailureMessages.GuardAsync(async () =>
{
    await using (var scope = host.Services.CreateAsyncScope())
    {
        await StoreStartup.ReadKeysAsync(scope.ServiceProvider, CancellationToken.None);
    }

    return await KeysCommand.RotateAsync(host.Services, args.ElementAtOrDefault(0), false, CancellationToken.None);
});
