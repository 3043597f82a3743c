using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudStore.ServiceDefaults.Health;

/// <summary>
/// Runs one statement on the database of <typeparamref name="TContext"/>. It bypasses the context's retries: a check is to report a fault,
/// not to wait it out.
/// </summary>
/// <param name="context">The context whose connection is used.</param>
/// <param name="probe">A statement that the server, or the file, must be read for.</param>
internal sealed class DbContextHealthCheck<TContext>(TContext context, string probe) : IHealthCheck
    where TContext : DbContext
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext checkContext, CancellationToken cancellationToken = default)
    {
        // Opened as the context does it, so that its interceptors see the connection: one of them lets go of what a broken line left behind.
        var connection = context.GetService<IRelationalConnection>();
        await connection.OpenAsync(cancellationToken);
        try
        {
            await using var command = connection.DbConnection.CreateCommand();
            command.CommandText = probe;
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        finally
        {
            await connection.CloseAsync();
        }
    }
}
