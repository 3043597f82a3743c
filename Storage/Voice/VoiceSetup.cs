using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Voice.Audio;
using CloudStore.Storage.Voice.Consents;
using CloudStore.Storage.Voice.Conversations;
using CloudStore.Storage.Voice.Metrics;
using CloudStore.Storage.Voice.Profiles;
using CloudStore.Storage.Voice.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Voice;

/// <summary>Registers the voice area; it needs the records engine, files and the jobs about persons.</summary>
public static class VoiceSetup
{
    public static IServiceCollection AddVoice(this IServiceCollection services)
    {
        services.AddOptions<VoiceOptions>().BindConfiguration(VoiceOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<VoiceOptions>, VoiceOptionsAreRight>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPersonalRetention, VoiceRetention>());
        services.TryAddScoped(typeof(RecordStore<>));
        services.TryAddScoped<UserGate>();
        services.TryAddScoped<UserService>();
        services.TryAddScoped<ProfileService>();
        services.TryAddScoped<ConsentService>();
        services.TryAddScoped<SessionService>();
        services.TryAddScoped<TurnService>();
        services.TryAddScoped<AudioService>();
        services.TryAddScoped<MetricService>();
        services.TryAddScoped<UserNames>();
        return services;
    }
}
