using CloudStore.ProtectedSample;
using CloudStore.Storage.Operations.Commands;

// What `keys rotate` does, on the sample's records.
using var host = CommandHost.Build(b => b.AddSample());
return await FailureMessages.GuardAsync(() => KeysCommand.RotateAsync(host.Services, args.ElementAtOrDefault(0), false, CancellationToken.None));
