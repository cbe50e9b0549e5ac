namespace Migrator.Core.Mail;

/// <param name="Size">Bytes that <paramref name="Content"/> gives, exactly.</param>
/// <param name="InternalDate">Null to leave it to the server.</param>
/// <param name="Content">Opens the bytes; may be called more than once.</param>
public sealed record OutgoingMessage(long Size, FlagSet Flags, DateTimeOffset? InternalDate, Func<Stream> Content);
