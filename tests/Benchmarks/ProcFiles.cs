using System.Globalization;

namespace CloudStore.Benchmarks;

/// <summary>What Linux says about processes and the machine (proc(5)).</summary>
internal static class ProcFiles
{
    private const double TicksPerSecond = 100;

    /// <summary>MB; 0 where there is no /proc.</summary>
    public static double PeakMegabytes(int process)
    {
        var file = $"/proc/{process}/status";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Seconds of CPU time all processes have used since the machine started; 0 where there is no /proc.</summary>
    public static double BusySeconds()
    {
        if (!File.Exists("/proc/stat"))
        {
            return 0;
        }

        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TicksPerSecond;
    }

    /// <summary>Seconds of CPU time of the processes that belong to a measurement: ours, our descendants, and whatever is called postgres.</summary>
    public static double OwnSeconds()
    {
        var all = new Dictionary<int, (bool Postgres, int Parent, double Seconds)>();
        foreach (var folder in Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc") : [])
        {
            if (int.TryParse(Path.GetFileName(folder), out int id) && Read(folder) is { } process)
            {
                all[id] = process;
            }
        }

        return all.Where(p => p.Value.Postgres || IsOurs(all, p.Key)).Sum(p => p.Value.Seconds);
    }

    private static bool IsOurs(Dictionary<int, (bool Postgres, int Parent, double Seconds)> all, int id)
    {
        while (id > 1 && id != Environment.ProcessId)
        {
            id = all.TryGetValue(id, out var process) ? process.Parent : 0;
        }

        return id == Environment.ProcessId;
    }

    private static (bool Postgres, int Parent, double Seconds)? Read(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            // utime, stime and those of children that have ended.
            return (text.Contains("(postgres)", StringComparison.Ordinal), int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
