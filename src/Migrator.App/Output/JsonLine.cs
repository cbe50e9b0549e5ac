namespace Migrator.App.Output;

/// <summary>One line of output for programs.</summary>
public sealed class JsonLine : JsonFields
{
    /// <param name="name">Of the event.</param>
    public JsonLine(string name) => Add("event", name);
}
