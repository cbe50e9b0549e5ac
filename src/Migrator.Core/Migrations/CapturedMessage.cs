using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Spool;

namespace Migrator.Core.Migrations;

/// <summary>A message whose bytes are in the spool.</summary>
internal sealed record CapturedMessage(MessageRecord Record, SpoolEntry Entry)
{
    /// <summary>The target has refused it once.</summary>
    public bool Refused { get; init; }

    /// <summary>The target refused it with its date.</summary>
    public bool WithoutDate { get; init; }

    /// <summary>The target refused it with its keywords.</summary>
    public bool WithoutKeywords { get; init; }
}
