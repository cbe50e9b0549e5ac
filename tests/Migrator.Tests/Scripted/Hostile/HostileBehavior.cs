using Migrator.Core.Reports;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Something that an IMAP server does wrong at one command.</summary>
/// <param name="Applies">To this command.</param>
/// <param name="Answer">What is sent in its place. Gets what makes the server execute the command and gives its honest answer.</param>
internal sealed record HostileBehavior(
    string Name,
    Func<ScriptedCommand, bool> Applies,
    Func<ScriptedCommand, Func<byte[]>, HostileAnswer> Answer
)
{
    /// <summary>At a source, a target, or both.</summary>
    public bool AtSource { get; init; } = true;

    /// <inheritdoc cref="AtSource"/>
    public bool AtTarget { get; init; } = true;

    /// <summary>What the server says is consistent, and false: nobody can know it by then. The run afterwards, with the honest server,
    /// makes up for it.</summary>
    public bool CannotBeKnown { get; init; }

    /// <summary>The same of flags and dates alone.</summary>
    public bool LiesAboutAttributes { get; init; }

    /// <summary>What the run has to say of it remains true afterwards, until somebody looks: mail that the target itself stored twice, or
    /// under another UID than it said.</summary>
    public DifferenceKind? Lasting { get; init; }

    /// <summary>It takes the client's limits of time, so that it is done once only.</summary>
    public bool IsSlow { get; init; }

    public override string ToString() => Name;
}
