using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

internal sealed record FoundDetails(long Size, FlagSet Flags, DateTimeOffset Date, DateSource Source);
