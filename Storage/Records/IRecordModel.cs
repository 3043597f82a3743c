using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records;

/// <summary>
/// A part of the product that has records of its own (an area, or a part of the engine). Every implementation in this assembly is found when the
/// model is built, so that the engine need not know the areas.
/// </summary>
public interface IRecordModel
{
    /// <summary>Declares the part's record types, their keys and indexes.</summary>
    void Configure(ModelBuilder model, StoreDialect dialect);
}
