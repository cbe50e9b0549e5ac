namespace Migrator.Tests.Recovery.Steps;

/// <summary>What happens at a step.</summary>
public enum StepFault
{
    /// <summary>The process takes no other step.</summary>
    Kill,

    /// <summary>The session is lost, and the process opens another one. Of a step of the checkpoint: the store cannot be written.</summary>
    Loss,
}
