using System.Globalization;

namespace CloudStore.Benchmarks;

/// <summary>The rows of the table that a run prints, in Markdown.</summary>
internal sealed class ResultTable
{
    private readonly List<string[]> _rows = [["what", "ours", "yardstick", "ratio", "note"]];
    private readonly List<string> _notes = [];

    /// <param name="ours">Our rate; the greater the better.</param>
    /// <param name="yardstick">The rate of what it is held against; null for none.</param>
    public void Add(string what, double ours, string unit, double? yardstick = null, string note = "")
    {
        _rows.Add([what, $"{Number(ours)} {unit}", yardstick is { } y ? $"{Number(y)} {unit}" : "", yardstick is { } z ? (ours / z).ToString("0.00", CultureInfo.InvariantCulture) : "", note]);
        Console.Error.WriteLine(string.Join("  ", _rows[^1]));
    }

    public void Note(string note) => _notes.Add(note);

    public void Disturbed(string name, double cores) =>
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"disturbed: other processes used {cores:0.00} cores during '{name}'"));

    public void Print()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(c => _rows.Max(r => r[c].Length)).ToArray();
        for (int i = 0; i < _rows.Count; i++)
        {
            Console.WriteLine($"| {string.Join(" | ", _rows[i].Select((cell, c) => cell.PadRight(widths[c])))} |");
            if (i == 0)
            {
                Console.WriteLine($"|{string.Join("|", widths.Select(w => new string('-', w + 2)))}|");
            }
        }

        _notes.ForEach(Console.WriteLine);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Number(double value) => value.ToString(value < 100 ? "0.##" : "#,0", CultureInfo.InvariantCulture);
}
