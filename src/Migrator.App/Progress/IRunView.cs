namespace Migrator.App.Progress;

/// <summary>Shows a run while it is under way. <see cref="RunWatch.DuringAsync"/> drives it.</summary>
public interface IRunView
{
    /// <summary>How often it wants to know.</summary>
    TimeSpan Interval { get; }

    /// <summary>Shows each state as it comes; the last one is <see cref="RunState.Final"/>.</summary>
    /// <exception cref="IOException">Nobody reads the output any more.</exception>
    Task ShowAsync(IAsyncEnumerable<RunState> states);
}
