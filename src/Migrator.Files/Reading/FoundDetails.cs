using Migrator.Core.Mail;
using Migrator.Files.Findings;

namespace Migrator.Files.Reading;

internal sealed record FoundDetails(long Size, FlagSet Flags, DateTimeOffset Date, DateSource Source);
