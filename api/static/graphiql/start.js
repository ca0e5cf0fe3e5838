"use strict";

const EXAMPLE = `# What is in the graph? Press the round button to ask, hover a name to see what it means.
query Look {
  stats {
    documents
    entities
    relations
  }
  entities(first: 5) {
    nodes {
      name
      kind
      description
      evidence(first: 1) {
        quote
        line
        document {
          path
        }
      }
    }
  }
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: EXAMPLE,
    shouldPersistHeaders: false,
  }),
);
