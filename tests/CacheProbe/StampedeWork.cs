using CloudStore.Storage.Cache;

namespace CloudStore.CacheProbe;

/// <summary>Many callers of one key at once. Each run of the factory leaves a file.</summary>
internal static class StampedeWork
{
    public static async Task RunAsync(IStoreCache cache, string folder, int callers)
    {
        var values = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => cache.GetOrCreateAsync("hot", folder, MakeAsync, new CacheEntryOptions { TimeToLive = TimeSpan.FromMinutes(5) }).AsTask()));
        Console.WriteLine($"values {values.Length} of {string.Join(',', values.Distinct())}");
    }

    private static async ValueTask<string> MakeAsync(string folder, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString("N");
        await File.WriteAllTextAsync(Path.Combine(folder, run + ".run"), "", cancellationToken);
        await Task.Delay(300, cancellationToken);
        return run;
    }
}
