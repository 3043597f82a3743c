using System.Globalization;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>The tokens in the database: fields of records, and kept answers. Each of their tables is read once.</summary>
internal sealed class TokenUses : IKeyUse
{
    public async Task<IReadOnlyList<string>> FindAsync(StoreContext context, DataKey key, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            foreach (var place in RotationPlace.All(context))
            {
                await using var command = context.Database.GetDbConnection().CreateCommand();
                command.CommandText = $"SELECT count(*) FROM {place.Table} WHERE tenant = @tenant AND substr(\"{place.Column}\", 2, 16) = @key";
                foreach (var (name, value) in ((string, object)[])[("@tenant", key.Owner), ("@key", key.Id.ToByteArray(bigEndian: true))])
                {
                    var parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.Value) = (name, value);
                    command.Parameters.Add(parameter);
                }

                if (Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture) is > 0 and var rows)
                {
                    found.Add($"{rows} rows of {place.Name}");
                }
            }
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }

        return found;
    }
}
