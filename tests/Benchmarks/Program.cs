using CloudStore.Benchmarks;

// The server under measurement is this program again, in a process of its own.
if (args is ["serve", .. var rest])
{
    await MeasuredServer.RunAsync(rest);
    return 0;
}

return BenchmarkOptions.TryParse(args, out var options, out var error) ? await BenchmarkRun.RunAsync(options) : Usage(error);

static int Usage(string error)
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine(BenchmarkOptions.Help);
    return 64;
}
