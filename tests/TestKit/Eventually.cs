using System.Diagnostics;
using Xunit;

namespace CloudStore.TestKit;

/// <summary>Waits for something another thread, process or server brings about.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Returns as soon as <paramref name="condition"/> holds, asked every 10 ms and once more at the end; fails the test when it does not hold
    /// within <paramref name="timeout"/>. The timeout is how long to wait before giving up, not a claim about speed: make it generous.
    /// </summary>
    /// <param name="condition">Asked again and again; an exception from it fails the test at once.</param>
    /// <param name="timeout">Real time, whatever clock the code under test has.</param>
    /// <param name="what">What was waited for, as the failure names it, e.g. "the job to succeed".</param>
    public static async Task Async(Func<Task<bool>> condition, TimeSpan timeout, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var cancellationToken = TestContext.Current.CancellationToken;
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) >= timeout)
                Assert.Fail($"waited {timeout.TotalSeconds:0.###} s in vain for {what}");
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>The same for a condition that needs no waiting itself.</summary>
    public static Task Async(Func<bool> condition, TimeSpan timeout, string what) => Async(() => Task.FromResult(condition()), timeout, what);
}
