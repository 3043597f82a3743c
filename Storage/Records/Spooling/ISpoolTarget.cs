namespace CloudStore.Storage.Records.Spooling;

/// <summary>What can be spooled: it writes down a request that could not be served, and does it later.</summary>
public interface ISpoolTarget
{
    /// <summary>Stable: entries on disk carry it.</summary>
    string Name { get; }

    /// <summary>
    /// Does what the entry asks, with the services of a scope that works for its tenant, in the transaction that is open on the scope's context. An attempt
    /// may come again after a failure, and the request itself may have been stored although its sender was told nothing: what is there already is left alone.
    /// </summary>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">It breaks a rule; it is then given up, and its sender can read why.</exception>
    Task ApplyAsync(IServiceProvider services, SpoolEntry entry, CancellationToken cancellationToken);

    /// <summary>The persons the entry tells anything of, as records name them; it goes with all else there is of one that is erased.</summary>
    IEnumerable<string> Subjects(SpoolEntry entry);
}
