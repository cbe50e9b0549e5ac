using Migrator.Core.Mail;

namespace Migrator.Core.Certificates;

/// <summary>A message as it was read at the source or at the target.</summary>
/// <param name="Flags">Null where they are not kept there.</param>
/// <param name="Date">INTERNALDATE; null where none is kept there.</param>
public sealed record CertifiedContent(ContentId Content, long Size, FlagSet? Flags, DateTimeOffset? Date);
