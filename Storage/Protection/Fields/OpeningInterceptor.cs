using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>Opens the encrypted fields of the records that Entity Framework reads.</summary>
internal sealed class OpeningInterceptor : IMaterializationInterceptor
{
    public static readonly OpeningInterceptor Instance = new();

    /// <inheritdoc/>
    public object InitializedInstance(MaterializationInterceptionData materializationData, object instance)
    {
        if (instance is Record record && materializationData.Context is StoreContext context)
        {
            context.Open(record);
        }

        return instance;
    }
}
