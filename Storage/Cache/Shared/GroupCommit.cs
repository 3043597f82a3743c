namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// Carries out what many callers want in groups: the first goes at once, what comes while a group is under way makes the next one. Nobody waits for a timer, and
/// under load a group costs what one would.
/// </summary>
/// <param name="run">Carries out a group; its failure is that of all in it.</param>
/// <param name="most">In one group.</param>
internal sealed class GroupCommit<T>(Func<IReadOnlyList<T>, Task> run, int most)
{
    private readonly Lock _lock = new();
    private readonly Queue<Group> _waiting = [];
    private Group? _filling;
    private bool _running;

    /// <returns>Ends when the group has been carried out.</returns>
    public Task AddAsync(T item) => Add(item).Done.Task;

    /// <returns>Ends when the group is under way.</returns>
    public Task SendAsync(T item) => Add(item).Sent.Task;

    private Group Add(T item)
    {
        Group group;
        lock (_lock)
        {
            if (_waiting.Count == 0 || _filling!.Items.Count >= most)
            {
                _waiting.Enqueue(_filling = new Group());
            }

            group = _filling;
            group.Items.Add(item);
            if (_running)
            {
                return group;
            }

            _running = true;
        }

        _ = RunAsync();
        return group;
    }

    private async Task RunAsync()
    {
        while (Next() is { } group)
        {
            try
            {
                var running = run(group.Items);
                group.Sent.TrySetResult();
                await running;
                group.Done.SetResult();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                group.Sent.TrySetException(e);
                group.Done.SetException(e);
            }
        }
    }

    private Group? Next()
    {
        lock (_lock)
        {
            _running = _waiting.TryDequeue(out var group);
            return group;
        }
    }

    private sealed class Group
    {
        public List<T> Items { get; } = [];

        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
