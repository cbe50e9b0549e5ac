namespace Migrator.App.Progress;

/// <summary>Shows something while it is in progress. <see cref="Watching.DuringAsync"/> drives it.</summary>
/// <typeparam name="TState">What is shown, at one moment.</typeparam>
public interface IView<TState>
{
    /// <summary>How often it wants to know.</summary>
    TimeSpan Interval { get; }

    /// <summary>Shows each state as it comes; the last one is final.</summary>
    /// <exception cref="IOException">Nobody reads the output any more.</exception>
    Task ShowAsync(IAsyncEnumerable<TState> states);
}
