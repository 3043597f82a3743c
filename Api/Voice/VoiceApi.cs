using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice;
using CloudStore.Storage.Voice.Audio;
using CloudStore.Storage.Voice.Consents;
using CloudStore.Storage.Voice.Conversations;
using CloudStore.Storage.Voice.Metrics;
using CloudStore.Storage.Voice.Profiles;
using CloudStore.Storage.Voice.Users;

namespace CloudStore.Api.Voice;

/// <summary>The voice area at the public edge.</summary>
public static class VoiceApi
{
    /// <summary>Registers the area's services and JSON types.</summary>
    public static IHostApplicationBuilder AddVoiceApi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddVoice();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, VoiceJson.Default));
        return builder;
    }

    /// <summary>Maps <c>/v1/voice/...</c>.</summary>
    public static IEndpointRouteBuilder MapVoiceApi(this IEndpointRouteBuilder routes)
    {
        routes.MapUsers();
        routes.MapProfiles();
        routes.MapConsents();
        routes.MapSessions();
        routes.MapTurns();
        routes.MapAudioFiles();
        routes.MapMetrics();
        routes.MapPersonJobs();
        return routes;
    }
}

/// <summary>The area's requests and answers, without reflection; the options are the API's.</summary>
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(UserDraft))]
[JsonSerializable(typeof(Page<User>))]
[JsonSerializable(typeof(UserProfile))]
[JsonSerializable(typeof(ProfileDraft))]
[JsonSerializable(typeof(Page<UserProfile>))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(ConsentDraft))]
[JsonSerializable(typeof(ConsentState))]
[JsonSerializable(typeof(Page<Consent>))]
[JsonSerializable(typeof(ConversationSession))]
[JsonSerializable(typeof(SessionDraft))]
[JsonSerializable(typeof(Page<ConversationSession>))]
[JsonSerializable(typeof(Turn))]
[JsonSerializable(typeof(TurnDraft))]
[JsonSerializable(typeof(Page<Turn>))]
[JsonSerializable(typeof(AudioFile))]
[JsonSerializable(typeof(AudioDraft))]
[JsonSerializable(typeof(Page<AudioFile>))]
[JsonSerializable(typeof(SystemMetric))]
[JsonSerializable(typeof(MetricDraft))]
[JsonSerializable(typeof(Page<SystemMetric>))]
[JsonSerializable(typeof(PersonDraft))]
[JsonSerializable(typeof(UserExportView))]
[JsonSerializable(typeof(Page<UserExportView>))]
[JsonSerializable(typeof(UserErasureView))]
[JsonSerializable(typeof(Page<UserErasureView>))]
internal sealed partial class VoiceJson : JsonSerializerContext;
