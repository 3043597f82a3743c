using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Commands;

/// <summary>Says what went wrong in words; a stack trace helps nobody at a prompt.</summary>
internal static class FailureMessages
{
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (ProblemException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            foreach (var error in e.Errors.Where(x => x.Message != e.Message))
            {
                await Console.Error.WriteLineAsync($"  {error.Field}: {error.Message}");
            }
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync($"A setting is wrong: {string.Join(" ", e.Failures)}");
        }
        catch (System.Data.Common.DbException e)
        {
            await Console.Error.WriteLineAsync($"The database cannot be reached or refused: {e.Message}");
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }

        return 1;
    }
}
