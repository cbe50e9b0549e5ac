namespace Migrator.App.Execution;

/// <summary>Why a run is to stop before its end.</summary>
public enum StopReason
{
    None,

    /// <summary>Its window closed.</summary>
    Window,

    /// <summary>Its job was paused.</summary>
    Paused,

    /// <summary>The worker goes down.</summary>
    Shutdown,

    /// <summary>A person cancelled it.</summary>
    Cancelled,

    /// <summary>Another worker has it, or may have.</summary>
    Lost,
}
