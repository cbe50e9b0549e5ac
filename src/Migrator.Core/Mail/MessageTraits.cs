namespace Migrator.Core.Mail;

/// <summary>What tells of two messages whether one is the other, rewritten on its way: by a server, or by what copied it.</summary>
/// <param name="Canonical">Of the whole message, by <see cref="LineEndHash"/>.</param>
/// <param name="Body">Of what follows the header, with the line that ends it: exact, or by <see cref="LineEndHash"/> where line ends do
/// not count.</param>
/// <param name="ExactBody">Likewise, exact.</param>
/// <param name="Fields">In their order; null where there are too many to compare.</param>
/// <param name="MessageId">Null where it has none.</param>
/// <param name="Texts">What its texts say (<see cref="MessageParts"/>).</param>
/// <param name="Attachments">Likewise.</param>
/// <param name="Sent">By the Date header; null where there is none that can be read.</param>
/// <param name="Received">By the topmost Received header, likewise.</param>
public sealed record MessageTraits(
    ContentId Canonical,
    ContentId Body,
    ContentId ExactBody,
    IReadOnlyList<HashedField>? Fields,
    HeaderLineEnds LineEnds,
    ContentId? MessageId,
    ContentId Texts,
    ContentId Attachments,
    DateTimeOffset? Sent,
    DateTimeOffset? Received
);
