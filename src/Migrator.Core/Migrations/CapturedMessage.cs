using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Spool;

namespace Migrator.Core.Migrations;

/// <summary>A message whose bytes are in the spool.</summary>
/// <param name="WithoutKeywords">The target refused it with them.</param>
internal sealed record CapturedMessage(MessageRecord Record, SpoolEntry Entry, bool WithoutKeywords = false);
