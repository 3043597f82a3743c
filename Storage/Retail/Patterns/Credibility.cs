namespace CloudStore.Storage.Retail.Patterns;

/// <summary>
/// How far a sample is to be believed: n / (n + 28) for n days with demand, Bühlmann's credibility factor (Experience rating and credibility, ASTIN Bulletin 4, 1967) with a
/// constant of four weeks. 7 days give 0.2, 28 give 0.5, a year 0.93; it never reaches 1.
/// </summary>
public static class Credibility
{
    public const int Constant = 28;

    public static double Of(int sampleSize) => sampleSize <= 0 ? 0 : (double)sampleSize / (sampleSize + Constant);
}
