using System.Text.Json.Serialization;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Spooling;

namespace CloudStore.Api.Lifecycle;

/// <summary>The requests and answers of legal holds, erasures and the spool, without reflection; the options are the API's.</summary>
[JsonSerializable(typeof(LegalHoldDraft))]
[JsonSerializable(typeof(LegalHoldView))]
[JsonSerializable(typeof(Page<LegalHoldView>))]
[JsonSerializable(typeof(ErasureDraft))]
[JsonSerializable(typeof(Erased))]
[JsonSerializable(typeof(SpoolEntryView))]
internal sealed partial class LifecycleJson : JsonSerializerContext;
