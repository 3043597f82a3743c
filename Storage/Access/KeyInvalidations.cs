using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Access;

/// <summary>
/// Has keys looked up anew once access keys were changed in any process: a revocation is noticed within the bound of the cache, and where this process cannot hear of it, after
/// <see cref="KeyCache.KnownFor"/>.
/// </summary>
internal sealed class KeyInvalidations(KeyVerifier verifier) : IInvalidationSink
{
    private static readonly string Tag = RecordTags.Changed("access_keys");

    public void Apply(Invalidation invalidation, long position)
    {
        if (invalidation.Kind == InvalidationKind.Tag && invalidation.Name == Tag)
        {
            verifier.Doubt();
        }
    }

    public void Forget() => verifier.Doubt();
}
