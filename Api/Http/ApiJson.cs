using System.Text.Json.Serialization;
using CloudStore.Api.Audit;
using CloudStore.Api.Keys;
using CloudStore.Api.Protection;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Api.Http;

/// <summary>The types of requests and answers, without reflection. Add a type here when an endpoint takes or gives it; the options are <see cref="ApiJsonOptions"/>'s.</summary>
[JsonSerializable(typeof(KeyDraft))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(NewKeyView))]
[JsonSerializable(typeof(Page<KeyView>))]
[JsonSerializable(typeof(DataKeyView))]
[JsonSerializable(typeof(Page<DataKeyView>))]
[JsonSerializable(typeof(RotationView))]
[JsonSerializable(typeof(AuditView))]
[JsonSerializable(typeof(Page<AuditView>))]
internal sealed partial class ApiJson : JsonSerializerContext;
