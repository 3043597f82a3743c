using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Fernet;

/// <summary>Registers Fernet: its settings, checked at the start, and <see cref="FernetTokens"/>.</summary>
public static class FernetSetup
{
    public static IServiceCollection AddFernet(this IServiceCollection services)
    {
        services.AddOptions<FernetOptions>().BindConfiguration(FernetOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FernetOptions>, FernetOptions.Validator>());
        services.TryAddSingleton<FernetTokens>();
        return services;
    }
}

/// <summary>The Fernet keys of the settings, ready for use; without keys it is there and says so.</summary>
public sealed class FernetTokens
{
    public FernetTokens(IOptions<FernetOptions> options, TimeProvider time)
    {
        var keys = options.Value.ReadKeys();
        Cipher = keys.Count == 0 ? null : new MultiFernet(keys, time);
        MaxAge = options.Value.FernetMaxAgeDays is { } days ? TimeSpan.FromDays(days) : null;
    }

    /// <summary>Null where the setting <c>Protection:FernetKeys</c> has no key.</summary>
    public MultiFernet? Cipher { get; }

    /// <summary>The greatest age of a token that comes in; null for any.</summary>
    public TimeSpan? MaxAge { get; }
}
