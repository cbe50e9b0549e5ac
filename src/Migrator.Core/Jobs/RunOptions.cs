namespace Migrator.Core.Jobs;

/// <param name="Connections">To each server at once, 1 to 16; null for as many as a round trip to it makes worth while.</param>
/// <param name="SpoolLimit">Bytes on disk that wait for delivery, at least 1 MiB; one message per connection may go beyond it.</param>
public sealed record RunOptions(int? Connections, long SpoolLimit)
{
    public static readonly TimeSpan DefaultQuietTime = TimeSpan.FromSeconds(10);

    /// <summary>A target that keeps one copy of identical messages of a folder (Gmail) has them all.</summary>
    public bool AcceptMerged { get; init; }

    /// <summary>For how long a target folder must have received nothing before messages are sent again that an interrupted session may
    /// still have been sending.</summary>
    public TimeSpan QuietTime { get; init; } = DefaultQuietTime;

    /// <summary>Remove from the target what such a session sent a second time, where nobody has touched it.</summary>
    public bool RemoveLateDuplicates { get; init; }

    /// <summary>Follow deletions at the source, however many there are: a person has seen that they are meant.</summary>
    public bool AllowDeletions { get; init; }

    /// <summary>Follow the source again after the switch to the target; migrate a mailbox whose migration was taken back as if no run had
    /// been there.</summary>
    public bool Again { get; init; }

    public static readonly RunOptions Default = new(null, 256L << 20);
}
