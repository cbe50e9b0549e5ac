using Migrator.App.Progress;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class RunWatchTests
{
    [Fact]
    public void A_state_sums_up_all_folders()
    {
        var run = new States();
        var (one, two) = (run.Folder("One", 10, FolderPhase.Copying), run.Folder("Two", 5));
        run.Folder("Three", 7);
        one.Found(12);
        one.Delivered(8, 800);
        one.Failed(2);
        two.Found(5);
        two.AlreadyThere(5);
        two.Phase = FolderPhase.Done;
        var state = run.Next(1).Last;

        Assert.Equal((15, 24, 2, 800), (state.Done, state.Expected, state.Failed, state.Bytes));
        Assert.Equal(["Two"], state.Ended.Select(folder => folder.Source.Name));
        Assert.Equal(["One"], state.Copying.Select(folder => folder.Source.Name));
        Assert.Equal(["Three"], state.Waiting.Select(folder => folder.Source.Name));
    }

    [Fact]
    public void Ended_folders_stay_in_the_order_in_which_they_ended()
    {
        var run = new States();
        var (one, two) = (run.Folder("One", 1), run.Folder("Two", 1));
        two.Phase = FolderPhase.Done;
        run.Next(1);
        one.Phase = FolderPhase.Failed;
        Assert.Equal(["Two", "One"], run.Next(1).Last.Ended.Select(folder => folder.Source.Name));
    }

    [Fact]
    public async Task A_view_gets_a_first_and_a_final_state_and_the_run_its_result()
    {
        var run = new States();
        var view = new Recorder();
        Assert.Equal(42, await ProgressSampler.DuringAsync(view, run.Progress, run.Time, () => Task.FromResult(42)));
        Assert.Equal([false, true], view.Final);
    }

    [Fact]
    public async Task A_run_that_fails_still_ends_its_view()
    {
        var run = new States();
        var view = new Recorder();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ProgressSampler.DuringAsync<int>(view, run.Progress, run.Time, () => throw new InvalidOperationException())
        );
        Assert.True(view.Final[^1]);
    }

    [Fact]
    public async Task A_reader_that_went_away_does_not_stop_the_run()
    {
        var run = new States();
        Assert.Equal(42, await ProgressSampler.DuringAsync(new Broken(), run.Progress, run.Time, () => Task.FromResult(42)));
    }

    private sealed class Recorder : IView<RunState>
    {
        public List<bool> Final { get; } = [];

        public TimeSpan Interval => TimeSpan.FromSeconds(1);

        public async Task ShowAsync(IAsyncEnumerable<RunState> states)
        {
            await foreach (var state in states)
                Final.Add(state.Final);
        }
    }

    private sealed class Broken : IView<RunState>
    {
        public TimeSpan Interval => TimeSpan.FromSeconds(1);

        public Task ShowAsync(IAsyncEnumerable<RunState> states) => throw new IOException("Broken pipe");
    }
}
