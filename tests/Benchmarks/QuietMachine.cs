using System.Diagnostics;

namespace CloudStore.Benchmarks;

/// <summary>Waits until nothing else runs before a measurement, and tells afterwards whether something did.</summary>
internal static class QuietMachine
{
    private const double MostForeignCores = 0.1;

    /// <summary>Most seconds to wait before each measurement.</summary>
    public static int Patience { get; set; }

    /// <summary>Runs a measurement; a note is added to <paramref name="notes"/> where other processes used more than a tenth of a core meanwhile.</summary>
    public static async Task<T> MeasureAsync<T>(string name, ResultTable notes, Func<Task<T>> measure)
    {
        await WaitAsync();
        var (started, busy, own) = (Stopwatch.GetTimestamp(), ProcFiles.BusySeconds(), ProcFiles.OwnSeconds());
        var result = await measure();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double foreign = (ProcFiles.BusySeconds() - busy - (ProcFiles.OwnSeconds() - own)) / seconds;
        if (foreign > MostForeignCores)
        {
            notes.Disturbed(name, foreign);
        }

        return result;
    }

    private static async Task WaitAsync()
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (int i = 0; i < Patience; i++)
        {
            double before = ProcFiles.BusySeconds();
            await second.WaitForNextTickAsync();
            if (ProcFiles.BusySeconds() - before < 2 * MostForeignCores)
            {
                return;
            }
        }
    }
}
