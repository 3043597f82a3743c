namespace CloudStore.Storage.Cache.Shared;

/// <summary>Tells several of invalidations, one after the other; memory goes first.</summary>
internal sealed class InvalidationFanOut(IInvalidationSink[] sinks) : IInvalidationSink
{
    public void Apply(Invalidation invalidation, long position)
    {
        foreach (var sink in sinks)
        {
            sink.Apply(invalidation, position);
        }
    }

    public void Forget()
    {
        foreach (var sink in sinks)
        {
            sink.Forget();
        }
    }
}
