namespace Migrator.Core.Mail;

/// <param name="Uid">Unique in its folder as long as UIDVALIDITY stays the same.</param>
/// <param name="Size">RFC822.SIZE, in octets. Some servers estimate it: it is a hint for planning, never a proof.</param>
/// <param name="Flags">System flags and keywords.</param>
/// <param name="InternalDate">When the server received it (RFC 9051, section 2.3.3), to the second.</param>
public sealed record MessageSummary(uint Uid, long Size, FlagSet Flags, DateTimeOffset InternalDate);
