namespace Migrator.Mail.Pop3;

/// <param name="Number">Its number, good for this session only.</param>
/// <param name="Size">As LIST says, in bytes; null where it does not say.</param>
/// <param name="Uidl">Its unique id; null where the server has none.</param>
internal sealed record ListedMessage(int Number, long? Size, string? Uidl);
