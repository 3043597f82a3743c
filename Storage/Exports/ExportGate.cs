using System.ComponentModel.DataAnnotations;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Exports;

/// <summary>Settings of the section <c>Exports</c>.</summary>
public sealed class ExportSettings
{
    public const string Section = "Exports";

    /// <summary>Exports one process writes at the same time. Each holds a connection to the database for as long as its client takes to read it.</summary>
    [Range(1, 64)]
    public int MostAtOnce { get; set; } = 4;
}

/// <summary>Lets in as many exports as the setting says, so that slow readers cannot take all connections.</summary>
public sealed class ExportGate(IOptions<ExportSettings> settings)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private int _inside;

    /// <summary>A place, until it is disposed.</summary>
    /// <exception cref="ProblemException">Of kind rate-limited: there is none.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _inside) <= settings.Value.MostAtOnce)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _inside);
        throw new ProblemException(ProblemKind.RateLimited, $"{settings.Value.MostAtOnce} exports are being written already (Exports:MostAtOnce).") { RetryAfter = Wait };
    }

    private sealed class Place(ExportGate gate) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref gate._inside);
    }
}
