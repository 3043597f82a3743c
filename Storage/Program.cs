return await CloudStore.Storage.Operations.Commands.CommandLine.RunAsync(args);
