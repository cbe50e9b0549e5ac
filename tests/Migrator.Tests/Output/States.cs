using Microsoft.Extensions.Time.Testing;
using Migrator.App.Progress;
using Migrator.Core.Progress;
using Migrator.Tests.Reports;

namespace Migrator.Tests.Output;

/// <summary>A run that a test moves on step by step.</summary>
internal sealed class States
{
    private readonly List<RunState> _all = [];
    private readonly ProgressSampler _watch;

    public States() => _watch = new(Progress, Time);

    public FakeTimeProvider Time { get; } = new(Samples.Start);

    public RunProgress Progress { get; } = new();

    public RunState Last => _all[^1];

    public FolderProgress Folder(string name, long expected, FolderPhase phase = FolderPhase.Waiting)
    {
        var folder = Progress.Add(Samples.Folder(name), Samples.Folder(name), expected);
        folder.Phase = phase;
        return folder;
    }

    public States Next(int seconds, bool final = false)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        _all.Add(_watch.Read(final));
        return this;
    }

    public IAsyncEnumerable<RunState> All() => _all.ToAsyncEnumerable();
}
