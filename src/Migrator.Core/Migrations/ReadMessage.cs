using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>One message as one end has it.</summary>
/// <param name="Mapping">Which of the source folders that go to one target folder it is in; 0 at the target.</param>
/// <param name="Dated">The date is that of the message, and not of the moment because it has none.</param>
public readonly record struct ReadMessage(
    int Mapping,
    Uid Uid,
    ContentId Content,
    long Size,
    FlagSet Flags,
    DateTimeOffset Date,
    bool Dated
)
{
    /// <summary>What it says; null where that is not asked for.</summary>
    public MessageParts? Parts { get; init; }

    /// <summary>What tells whether a copy was rewritten; null where that is not asked for.</summary>
    public MessageTraits? Traits { get; init; }
}
