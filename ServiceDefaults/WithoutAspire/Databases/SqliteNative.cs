using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>
/// Makes Microsoft.Data.Sqlite accept an older SQLitePCLRaw than it was built with. The runtime refuses an assembly of a lower version than the
/// one asked for unless a resolver hands it over; the calls used have not changed between the two.
/// </summary>
internal static class SqliteNative
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must run before the first SqliteConnection, whoever opens it.")]
    internal static void Load()
    {
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
        {
            if (name.Name is not { } simple || !simple.StartsWith("SQLitePCLRaw", StringComparison.Ordinal))
            {
                return null;
            }

            var file = Path.Combine(AppContext.BaseDirectory, simple + ".dll");
            return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        };
        SQLitePCL.Batteries_V2.Init();
    }
}
