using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>A message of the source, and what was made of it at the target.</summary>
/// <param name="Added">The names of the header fields that were added.</param>
internal readonly record struct RewrittenPair(
    ReadMessage Source,
    ReadMessage Target,
    MatchedBy MatchedBy,
    IReadOnlyList<Rewrite> Rewrites,
    IReadOnlyList<HeaderName> Added
);
