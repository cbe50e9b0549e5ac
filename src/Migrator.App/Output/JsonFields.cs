using System.Collections;
using System.Text.Json.Nodes;
using Migrator.App.Formatting;

namespace Migrator.App.Output;

/// <summary>An object of output for programs, put together field by field: without reflection, and without secrets.</summary>
public class JsonFields : IEnumerable
{
    internal JsonObject Object { get; } = [];

    /// <param name="name">As docs/output.md has it.</param>
    /// <param name="value">Of a type that <see cref="ReportJson"/> knows.</param>
    public void Add<T>(string name, T value) => Object.Add(name, ReportJson.Node(value));

    public void Add(string name, JsonFields value) => Object.Add(name, value.Object);

    public void Add(string name, IEnumerable<JsonFields> values) =>
        Object.Add(name, new JsonArray([.. values.Select(value => value.Object)]));

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable)Object).GetEnumerator();
}
