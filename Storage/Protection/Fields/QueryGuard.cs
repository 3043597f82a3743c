using System.Linq.Expressions;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// Refuses queries that would calculate with an encrypted property in the database, with a message that says why. Runs once for each query, when Entity Framework compiles it.
/// </summary>
internal sealed class QueryGuard : IQueryExpressionInterceptor
{
    public static readonly QueryGuard Instance = new();

    /// <inheritdoc/>
    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData)
    {
        if (eventData.Context is StoreContext context)
        {
            new Visitor(context).Visit(queryExpression);
        }

        return queryExpression;
    }

    private sealed class Visitor(StoreContext context) : ExpressionVisitor
    {
        protected override Expression VisitMember(MemberExpression node)
        {
            if (node.Expression?.Type is { } type && type.IsAssignableTo(typeof(Record)) && !type.IsAbstract
                && ProtectedPlan.For(context, type) is { } plan && plan.Names.Contains(node.Member.Name))
            {
                throw new NotSupportedException($"{type.Name}.{node.Member.Name} is encrypted: the database cannot filter, sort, project or calculate by it. Load the records and use their property, "
                    + "or find equal values by a blind index.");
            }

            return base.VisitMember(node);
        }
    }
}
